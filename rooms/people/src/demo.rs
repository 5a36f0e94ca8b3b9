//! What the demo shows of leaving and of transfers: one death last month, one member on the way to another cell.
//!
//! After the meetings, whose rolls of earlier days keep them. Not here: the people themselves (`app/src/demo`).

use crate::bodies::store as bodies;
use crate::fact::Placement;
use crate::members::leaving::{self, How, Leaving};
use crate::members::moving::{self, Wish};
use crate::members::store::leaving as store;
use kernel::error::{Error, Result};
use kernel::{Day, UnitId};
use site::room::Demo;
use site::{May as _, Operator, Site};

/// Made once: what is there already stays.
pub(crate) const DEMO: Demo = Demo {
    order: 65,
    make: |site, _| Box::pin(async move { make(&site).await }),
};

/// Where somebody died, where somebody leaves from, where they go.
const UNITS: [&str; 3] = ["to-2", "to-3", "to-4"];
/// Days since the death.
const AGO: i32 = 32;

async fn make(site: &Site) -> Result<()> {
    let [died, from, to]: [UnitId; 3] = [unit(UNITS[0])?, unit(UNITS[1])?, unit(UNITS[2])?];
    let today = site.clock.today();
    directory(site, &to).await?;
    if let Some((member, row_version)) = store::find_plain(&site.db, &died, today).await?
        && !store::is_any(&site.db).await?
    {
        let wish = Leaving {
            unit: died,
            how: How::Died.word().to_owned(),
            on: today.plus_days(-AGO),
            decision_no: String::new(),
            decision_on: String::new(),
            note: String::new(),
            by: member.clone(),
            member,
            row_version,
        };
        let mut act = Operator::at("demo")
            .begin(site, "demo", "member.leave")
            .await?;
        leaving::leave(&mut act, &wish).await?;
        act.line().about(&wish.member).diff(&leaving::diff(&wish));
        act.end().await?;
    }
    let Some((member, row_version)) = store::find_plain(&site.db, &from, today).await? else {
        return Ok(());
    };
    let open = crate::members::store::moving::find_open(site.db.read(), &member).await?;
    let Some(by) = store::find_lead(&site.db, &from, today).await? else {
        return Ok(());
    };
    if open.is_some() {
        return Ok(());
    }
    let wish = Wish {
        member,
        from,
        to,
        kind: Placement::Official.word().to_owned(),
        letter_no: "07-GT/CB".to_owned(),
        letter_on: today.plus_days(-3),
        until_on: String::new(),
        note: String::new(),
        row_version,
        by,
    };
    let mut act = Operator::at("demo")
        .begin(site, "demo", "transfer.send")
        .await?;
    let id = moving::send(&mut act, &wish).await?;
    act.line().about(&wish.member).object("transfer", &id);
    act.end().await?;
    Ok(())
}

/// Where papers are handed in: the office of the committee above, and a body outside the house.
async fn directory(site: &Site, cell: &UnitId) -> Result<()> {
    let today = site.clock.today();
    let cell = crate::unit::find_on(site, cell, today).await?;
    let Some(above) = cell.and_then(|cell| cell.parent_id) else {
        return Ok(());
    };
    if bodies::is_any(&site.db).await? {
        return Ok(());
    }
    let office = bodies::New {
        name: "Văn phòng Đảng ủy".to_owned(),
        unit_id: above.to_string(),
        address: "Tầng 1, trụ sở Đảng ủy".to_owned(),
        phone: "024 0000 0001".to_owned(),
        hours: "Thứ hai đến thứ sáu, 8 giờ đến 16 giờ 30".to_owned(),
        receiver: "Bộ phận một cửa".to_owned(),
        takes: "Giấy giới thiệu, phiếu báo chuyển".to_owned(),
        is_public: true,
        from_on: Day::of(2025, 7, 1).unwrap_or(today),
        to_on: Day::OPEN,
    };
    let outside = bodies::New {
        name: "Ban Xây dựng Đảng, Đảng ủy xã Bên Sông".to_owned(),
        unit_id: String::new(),
        address: "Thôn Trung, xã Bên Sông".to_owned(),
        phone: "024 0000 0002".to_owned(),
        receiver: "Phòng tổ chức".to_owned(),
        is_public: false,
        ..office.clone()
    };
    let mut act = Operator::at("demo").begin(site, "demo", "body.add").await?;
    for new in [office, outside] {
        let id = bodies::add(&mut act, &above, &new).await?;
        act.line().object("body", &id);
    }
    act.end().await.map(|_| ())
}

fn unit(key: &str) -> Result<UnitId> {
    key.parse().map_err(Error::fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::UnitKind;
    use crate::store::{NewHolding, NewUnit, add_position_holding, add_unit};
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_demo_shows_one_death_and_one_transfer_however_often_it_is_made() {
        on_both(
            || vec![crate::room()],
            async |app| {
                make(&app.site).await.unwrap(); // no such units: nothing to show
                let old = "2020-01-01".parse().unwrap();
                let committee = Some("committee".parse().unwrap());
                let mut act = app.act().await;
                for (key, who) in UNITS.into_iter().zip(["hoa", "tuan", "minh"]) {
                    let key: UnitId = key.parse().unwrap();
                    let new = NewUnit::new(key.clone(), committee.clone(), UnitKind::Cell, key.as_str(), old);
                    add_unit(&mut act, &new).await.unwrap();
                    db::sql("update people_placement set unit_id = $1 where member_id = $2")
                        .bind(&key)
                        .bind(who)
                        .run(act.on())
                        .await
                        .unwrap();
                }
                let from: UnitId = UNITS[1].parse().unwrap();
                let lan = "lan".parse().unwrap();
                let lead = NewHolding::new(&from, "Bí thư", kernel::Role::CellLead, 1, &lan, old);
                add_position_holding(&mut act, &lead).await.unwrap();
                act.end().await.unwrap();
                for _ in 0..2 {
                    make(&app.site).await.unwrap();
                    let gone = "select count(*) from people_leaving where member_id = 'hoa' and how = 'died'";
                    assert_eq!(app.count(gone).await, 1);
                    let waits = "select count(*) from people_transfer where member_id = 'tuan' and state = 'sent'";
                    assert_eq!(app.count(waits).await, 1);
                    assert_eq!(app.count("select count(*) from people_body").await, 2);
                }
            },
        )
        .await;
    }
}
